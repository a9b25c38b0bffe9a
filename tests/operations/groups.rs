//! Globus Groups.

use crate::harness::operations;
use globus_sdk::groups::types::{
    BatchMembershipActions, GroupCreateRequest, GroupMemberVisibility, GroupPoliciesUpdate,
    GroupRole, GroupUpdateRequest, GroupVisibility, IdentityPreferencesUpdate, MembershipAction,
    MembershipAdd, MembershipFieldsUpdate, MembershipInvite, MembershipRoleChange, SignupField,
    SubscriptionAdminVerifiedUpdate,
};
use globus_sdk::types::Uuid;
use std::collections::BTreeMap;

const ADA: Uuid = Uuid::from_u128(0xae33_2d86_d274_11e5_b885_b317_14a1_10e9);
const BOB: Uuid = Uuid::from_u128(0xc699_d42e_d274_11e5_bf75_1fc5_bf53_bb24);
const GROUP: Uuid = Uuid::from_u128(0xfdb3_8a24_03c1_11e3_86f7_1231_3809_f035);
const SUBSCRIPTION: Uuid = Uuid::from_u128(0x0b5b_4c1e_4f5e_11ec_81d3_0242_ac13_0003);

operations!(
    groups.get_my_groups().statuses(["active", "invited"]),
    groups.get_group_statuses(),
    groups.create_group(
        GroupCreateRequest::new("Claptrap's Rough Riders")
            .description("No stairs allowed.")
            .parent_id(GROUP)
            .policies(GroupPoliciesUpdate::new().group_visibility(GroupVisibility::Authenticated),),
    ),
    groups
        .get_group(GROUP)
        .include(["memberships", "my_memberships", "policies"]),
    groups
        .get_group_children(GROUP)
        .include(["my_memberships", "child_ids"]),
    groups.update_group(
        GROUP,
        GroupUpdateRequest::new()
            .name("Stairs welcome")
            .clear_terms_and_conditions(),
    ),
    groups
        .batch_membership_action(
            GROUP,
            BatchMembershipActions::new()
                .add([MembershipAdd::new(ADA).role(GroupRole::Member)])
                .invite([MembershipInvite::new(BOB).invite_email_address("kingfish@globus.org")])
                .change_role([MembershipRoleChange::new(ADA, GroupRole::Admin)])
                .remove([MembershipAction::new(BOB).status_reason("moved on")]),
        )
        .community_context("the-community"),
    groups.delete_group(GROUP),
    groups.get_group_policies(GROUP),
    groups.set_group_policies(
        GROUP,
        GroupPoliciesUpdate::new()
            .group_members_visibility(GroupMemberVisibility::Managers)
            .signup_fields([SignupField::Address1])
            .clear_authentication_assurance_timeout(),
    ),
    groups.get_membership_fields(GROUP),
    groups.set_membership_fields(
        GROUP,
        BTreeMap::from([(
            ADA.to_string(),
            MembershipFieldsUpdate::new()
                .institution("University of Chicago")
                .clear_phone(),
        )]),
    ),
    groups.set_subscription_admin_verified(GROUP, SubscriptionAdminVerifiedUpdate::new(None)),
    groups.get_group_by_subscription_id(SUBSCRIPTION),
    groups.get_identity_preferences(),
    groups.set_identity_preferences(BTreeMap::from([(
        ADA.to_string(),
        IdentityPreferencesUpdate::new(Some(false)),
    )])),
);
