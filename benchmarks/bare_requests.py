"""What the systems are asked, in plain httpx and nothing more: the yardstick for `connect()`."""

from __future__ import annotations

import base64
import ssl
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx
import truststore

Keys = Mapping[str, str]
Bare = Callable[[httpx.AsyncClient, str, Keys], Awaitable[None]]


async def requests(bare: Bare, base: str, keys: Keys) -> None:
    """Send one system's requests with a client of their own."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    headers = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
    async with httpx.AsyncClient(verify=context, trust_env=False, headers=headers) as client:
        await bare(client, base, keys)


async def fiken(client: httpx.AsyncClient, base: str, keys: Keys) -> None:
    """Ask whose key it is, and for its companies."""
    signed = {"Authorization": f"Bearer {keys['token']}"}
    user = await client.get(f"{base}/user", headers={**signed, "X-Request-ID": str(uuid.uuid4())})
    user.raise_for_status().json()
    numbered = {**signed, "X-Request-ID": str(uuid.uuid4())}
    page = await client.get(f"{base}/companies", params={"page": "0", "pageSize": "100"}, headers=numbered)
    page.raise_for_status().json()


async def tripletex(client: httpx.AsyncClient, base: str, keys: Keys) -> None:
    """Make a session, ask whose it is, for the company and what it may do, and close it."""
    last_day = (datetime.now(UTC).astimezone(ZoneInfo("Europe/Oslo")).date() + timedelta(days=2)).isoformat()
    body = {
        "consumerToken": keys["consumer_token"],
        "employeeToken": keys["employee_token"],
        "expirationDate": last_day,
    }
    created = await client.post(f"{base}/token/session/:create", json=body)
    session = created.raise_for_status().json()["value"]["token"]
    signed = {"Authorization": f"Basic {base64.b64encode(f'0:{session}'.encode()).decode()}"}
    answered = await client.get(f"{base}/token/session/%3EwhoAmI", headers=signed)
    me = answered.raise_for_status().json()["value"]
    fields = {"fields": "id,name,displayName,organizationNumber,type,accountantOrSimilar"}
    company = await client.get(f"{base}/company/{me['companyId']}", params=fields, headers=signed)
    company.raise_for_status().json()
    people = dict.fromkeys([me["employeeId"], me["actualEmployeeId"]])
    asked = [
        ("/company/salesmodules", {}),
        *(("/employee/entitlement", {"employeeId": one}) for one in people),
    ]

    for path, params in asked:
        found = await client.get(f"{base}{path}", params={**params, "fields": "name"}, headers=signed)
        found.raise_for_status().json()
    await client.delete(f"{base}/token/session/{quote(session, safe='')}", headers=signed)


BARE: Mapping[str, Bare] = {"fiken": fiken, "tripletex": tripletex}
