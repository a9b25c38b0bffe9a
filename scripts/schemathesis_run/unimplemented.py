"""Operations that cannot succeed here, each with the reason. Any other operation that never succeeds is a failure."""

NEEDS_SERVER = "tunnels need Globus Connect Server, which the emulator does not have"
FIXED_SERVER = "Globus Connect Personal is its only server; the emulator supports no others"

IN_BETA = "the emulator returns 501: the operation is in beta at Globus"

UNIMPLEMENTED = {
    "transfer": {
        "add_endpoint_server": FIXED_SERVER,
        "update_endpoint_server": FIXED_SERVER,
        "delete_endpoint_server": FIXED_SERVER,
        "create_tunnel": NEEDS_SERVER,
        "get_tunnel": NEEDS_SERVER,
        "update_tunnel": NEEDS_SERVER,
        "delete_tunnel": NEEDS_SERVER,
        "get_tunnel_events": NEEDS_SERVER,
        "get_stream_access_point": NEEDS_SERVER,
    },
    "search": {
        "get_index_mapping": IN_BETA,
        "get_field_mapping": IN_BETA,
        "get_field_budget": IN_BETA,
        "insights_ingest": IN_BETA,
        "insights_scan_start": IN_BETA,
        "insights_scan_stop": IN_BETA,
        "get_insights_catalog": IN_BETA,
        "list_insights_catalogs": IN_BETA,
    },
    "groups": {
        "get_group_by_subscription_id": "seeds cannot create subscriptions; tests in Rust cover it",
    },
}
