"""Logs the SDK in: as the robot, as another robot, and as the person."""

from globus_sdk import ClientApp, ConfidentialAppAuthClient, GlobusAppConfig, NativeAppAuthClient, UserApp
from globus_sdk.login_flows import LoginFlowManager
from globus_sdk.token_storage import MemoryTokenStorage

from environment import NATIVE_APP, OTHER_ROBOT, ROBOT, SECRET


def robot_app(client_id=ROBOT):
    config = GlobusAppConfig(token_storage=MemoryTokenStorage())
    return ClientApp("a robot", client_id=client_id, client_secret=SECRET, config=config)


def other_robot_app():
    return robot_app(OTHER_ROBOT)


def robot_client():
    """The robot as a confidential client, to use grants directly."""
    return ConfidentialAppAuthClient(ROBOT, SECRET)


def person_app(env):
    """A user app for the person, which logs in on demand."""
    config = GlobusAppConfig(
        login_flow_manager=login_flow(env),
        token_storage=MemoryTokenStorage(),
        request_refresh_tokens=True,
        auto_redrive_gares=True,
    )
    return UserApp("a person", client_id=NATIVE_APP, config=config)


def login_flow(env):
    """The SDK's command-line login flow, with the code supplied automatically."""

    class Consents(LoginFlowManager):
        @classmethod
        def for_globus_app(cls, app_name, login_client, config):
            return cls(login_client, request_refresh_tokens=config.request_refresh_tokens)

        def run_login_flow(self, auth_parameters):
            url = self._get_authorize_url(auth_parameters, f"{env.base}/v2/web/auth-code")
            return self.login_client.oauth2_exchange_code_for_tokens(env.authorization_code(url))

    return Consents


def person_tokens(env, *scopes):
    """Tokens of the person from the native app grant with PKCE, and the client that obtained them."""
    native = NativeAppAuthClient(NATIVE_APP)
    native.oauth2_start_flow(
        requested_scopes=list(scopes), refresh_tokens=True, redirect_uri=f"{env.base}/v2/web/auth-code"
    )
    return native, native.oauth2_exchange_code_for_tokens(env.authorization_code(native.oauth2_get_authorize_url()))
