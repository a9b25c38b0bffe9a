"""Operations that nothing makes succeed here, each with the reason. Any other one is a failure."""

NEEDS_SERVER = "tunnels need Globus Connect Servers, which the emulator has none of"
FIXED_SERVER = "a Globus Connect Personal is its only server, and the emulator has no others"

UNANSWERED = {
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
    "groups": {
        "get_group_by_subscription_id": "a seed makes no subscriptions; tests in Rust do",
    },
}
