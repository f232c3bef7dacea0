"""Takes a peering on each cloud through its whole lifecycle, with Python's standard library only.

Arguments: the base URL; `key` or `account`; and the two parts of that credential. The clock of the
sandbox stands still: this client moves it, and acts as the user, through the control endpoint.
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

BASE_URL, KIND, NAME, SECRET = sys.argv[1:]
PROJECT = "5356823b3794dee37132bb7b"
NETWORKS = {
    "AWS": {"awsAccountId": "123456789012", "routeTableCidrBlock": "10.0.0.0/24", "vpcId": "vpc-1"},
    "AZURE": {
        "azureDirectoryId": "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
        "azureSubscriptionId": "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02",
        "resourceGroupName": "network-rg",
        "vnetName": "app-vnet",
    },
    "GCP": {"gcpProjectId": "my-project-1", "networkName": "default"},
}
CONTAINERS = {
    "AWS": {"regionName": "US_EAST_1", "atlasCidrBlock": "10.8.0.0/21"},
    "AZURE": {"region": "US_EAST", "atlasCidrBlock": "10.16.0.0/21"},
    "GCP": {"atlasCidrBlock": "10.128.0.0/18"},
}


class ApiKey:
    """Digest authentication, version 1.0."""

    root, media_type, headers = "/api/atlas/v1.0", "application/json", {}

    def __init__(self):
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, BASE_URL, NAME, SECRET)
        handler = urllib.request.HTTPDigestAuthHandler(passwords)
        self.open = urllib.request.build_opener(handler).open


class ServiceAccount:
    """A bearer token, version 2."""

    root, media_type = "/api/atlas/v2", "application/vnd.atlas.2023-01-01+json"
    open = staticmethod(urllib.request.urlopen)

    def __init__(self):
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        url = BASE_URL + "/api/oauth/token"
        passwords.add_password(None, url, NAME, SECRET, is_authenticated=True)
        handler = urllib.request.HTTPBasicAuthHandler(passwords)
        form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        with urllib.request.build_opener(handler).open(url, form) as response:
            token = json.load(response)
        self.headers = {"Authorization": f"{token['token_type']} {token['access_token']}"}


def call(client, method, path, body=None, expected=200):
    """Calls the API, checks the status of the response, and returns its body."""
    request = urllib.request.Request(
        f"{BASE_URL}{client.root}/groups/{PROJECT}/{path}", method=method, headers=client.headers
    )
    request.add_header("Accept", client.media_type)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", client.media_type)
    try:
        with client.open(request) as response:
            status, text = response.status, response.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    assert status == expected, (method, path, status, text)
    return json.loads(text) if text else None


def control(path, body=None):
    data = json.dumps(body or {}).encode()
    with urllib.request.urlopen(f"{BASE_URL}/sandbox/{path}", data) as response:
        assert response.status == 200


def live(client, cloud):
    name = {"providerName": cloud}
    container = call(client, "POST", "containers", CONTAINERS[cloud] | name)["id"]
    request = NETWORKS[cloud] | name | {"containerId": container}
    peering = call(client, "POST", "peers", request)["id"]
    call(client, "POST", "peers", request, 409)
    path = f"peers/{peering}"

    def state():
        control("clock", {"seconds": 5})
        shown = call(client, "GET", path)
        return shown.get("statusName") or shown["status"]

    if cloud != "AZURE":
        assert state() in ("PENDING_ACCEPTANCE", "WAITING_FOR_USER")
        control(f"{path}/accept")
    assert state() == "AVAILABLE"
    page = call(client, "GET", f"peers?providerName={cloud}")
    assert [of["id"] for of in page["results"]] == [peering]

    call(client, "DELETE", f"containers/{container}", expected=409)
    call(client, "DELETE", path, expected=202)
    control("clock", {"seconds": 5})
    call(client, "GET", path, expected=404)
    call(client, "DELETE", f"containers/{container}", expected=204)
    print(cloud, KIND)


client = ApiKey() if KIND == "key" else ServiceAccount()
for cloud in NETWORKS:
    live(client, cloud)
