"""How the checks of the SDK log in: as the robot, as another robot, and as the person."""

from globus_sdk import ClientApp, ConfidentialAppAuthClient, GlobusAppConfig, NativeAppAuthClient, UserApp
from globus_sdk.login_flows import LoginFlowManager
from globus_sdk.token_storage import MemoryTokenStorage

from lab import NATIVE_APP, OTHER_ROBOT, ROBOT, SECRET


def robot_app(client_id=ROBOT):
    config = GlobusAppConfig(token_storage=MemoryTokenStorage())
    return ClientApp("a robot", client_id=client_id, client_secret=SECRET, config=config)


def other_robot_app():
    return robot_app(OTHER_ROBOT)


def robot_client():
    """The robot as a confidential client, for the grants themselves."""
    return ConfidentialAppAuthClient(ROBOT, SECRET)


def person_app(lab):
    """An app of the person, which logs in whenever it has to."""
    config = GlobusAppConfig(
        login_flow_manager=login_flow(lab),
        token_storage=MemoryTokenStorage(),
        request_refresh_tokens=True,
        auto_redrive_gares=True,
    )
    return UserApp("a person", client_id=NATIVE_APP, config=config)


def login_flow(lab):
    """The SDK's flow by which somebody opens an address and types in a code; nobody has to."""

    class Consents(LoginFlowManager):
        @classmethod
        def for_globus_app(cls, app_name, login_client, config):
            return cls(login_client, request_refresh_tokens=config.request_refresh_tokens)

        def run_login_flow(self, auth_parameters):
            url = self._get_authorize_url(auth_parameters, f"{lab.base}/v2/web/auth-code")
            return self.login_client.oauth2_exchange_code_for_tokens(lab.code_from(url))

    return Consents


def person_tokens(lab, *scopes):
    """Tokens of the person by the native app's grant, PKCE and all, and the client that got them."""
    native = NativeAppAuthClient(NATIVE_APP)
    native.oauth2_start_flow(
        requested_scopes=list(scopes), refresh_tokens=True, redirect_uri=f"{lab.base}/v2/web/auth-code"
    )
    return native, native.oauth2_exchange_code_for_tokens(lab.code_from(native.oauth2_get_authorize_url()))
