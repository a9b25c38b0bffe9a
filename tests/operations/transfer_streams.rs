//! Globus Transfer, second version: tunnels, stream access points and bookmarks.

use crate::harness::operations;
use globus_sdk::transfer::types::{
    BookmarkInclude, BookmarkV2Collection, BookmarkV2CollectionIdentifier, BookmarkV2Create,
    BookmarkV2CreateAttributes, BookmarkV2CreateRelationships, BookmarkV2CreateResource,
    BookmarkV2Update, BookmarkV2UpdateAttributes, BookmarkV2UpdateResource, TunnelCreate,
    TunnelCreateAttributes, TunnelCreateRelationships, TunnelCreateResource, TunnelEnd,
    TunnelEndIdentifier, TunnelState, TunnelUpdate, TunnelUpdateAttributes, TunnelUpdateResource,
};
use globus_sdk::types::Uuid;

const BOOKMARK: Uuid = Uuid::from_u128(0x6e3b_4f5a_2c1d_4e8f_9a0b_1c2d_3e4f_5a6b);
const COLLECTION: Uuid = Uuid::from_u128(0x6c54_cade_bde5_45c1_bdea_f4bd_71db_a2cc);
const HERE: Uuid = Uuid::from_u128(0x4863_0081_f2ab_48a3_a761_5063_c504_0ae8);
const SUBMISSION: Uuid = Uuid::from_u128(0x6ab4_2cda_d7a4_11f0_ad34_0aff_c202_d2e9);
const THERE: Uuid = Uuid::from_u128(0x20e4_c993_f941_4423_86d7_e206_657d_9595);
const TUNNEL: Uuid = Uuid::from_u128(0x1c1b_7a4e_d7a5_11f0_ad34_0aff_c202_d2e9);

operations!(
    transfer.list_tunnels(),
    transfer.create_tunnel(TunnelCreate::new(TunnelCreateResource::new(
        TunnelCreateAttributes::new(SUBMISSION)
            .label("detector to cluster")
            .lifetime_mins(10)
            .restartable(false),
        TunnelCreateRelationships::new(
            TunnelEnd::new(TunnelEndIdentifier::new(HERE)),
            TunnelEnd::new(TunnelEndIdentifier::new(THERE)),
        ),
    ))),
    transfer.get_tunnel(TUNNEL),
    transfer.update_tunnel(
        TUNNEL,
        TunnelUpdate::new(TunnelUpdateResource::new(
            TunnelUpdateAttributes::new()
                .state(TunnelState::Stopping)
                .clear_label(),
        )),
    ),
    transfer.delete_tunnel(TUNNEL),
    transfer
        .get_tunnel_events(TUNNEL)
        .code_name("TUNNEL_STOPPED")
        .is_error(true)
        .page_limit(50)
        .page_marker("the next"),
    transfer
        .list_stream_access_points()
        .filter_fulltext("detector")
        .filter_endpoint_admin(true)
        .page_limit(50)
        .page_marker("the next"),
    transfer.get_stream_access_point(HERE),
    transfer
        .list_bookmarks()
        .include(BookmarkInclude::Collection)
        .page_limit(50)
        .page_marker("the next"),
    transfer.create_bookmark_v2(BookmarkV2Create::new(BookmarkV2CreateResource::new(
        BookmarkV2CreateAttributes::new("tutorial data", "/~/data/").pinned(true),
        BookmarkV2CreateRelationships::new(BookmarkV2Collection::new(
            BookmarkV2CollectionIdentifier::new(COLLECTION),
        )),
    ))),
    transfer
        .get_bookmark_v2(BOOKMARK)
        .include(BookmarkInclude::Collection),
    transfer.update_bookmark_v2(
        BOOKMARK,
        BookmarkV2Update::new(BookmarkV2UpdateResource::new(
            BookmarkV2UpdateAttributes::new()
                .name("my data")
                .pinned(false),
        )),
    ),
    transfer.delete_bookmark_v2(BOOKMARK),
);
