"""One HTTP exchange with a server that is not trusted: limits on time and size, one clear error otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeVar

import httpx

from loopwright.core.codes import Code
from loopwright.errors import ModelError
from loopwright.models.base import printable

MAX_BODY_BYTES = 1 << 20
_CONNECT_S = 5.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where a request goes: the address up to ``/v1``, what to call the server, and the key, never shown."""

    base: httpx.URL
    shown: str
    api_key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the whole body of a reply within the limits."""

    status: int
    body: bytes


def request(exchange: Exchange, method: str, path: str, json: Any, timeout_s: float) -> Answer:
    """Send one request and return the reply.

    Redirects are not followed. The time limit covers the call from start to end, however slowly bytes drip.

    Raises:
        ModelError: No connection, out of time, cut off, or more than ``MAX_BODY_BYTES``.
    """
    try:
        return _run(_request(exchange, method, path, json, timeout_s))
    except (TimeoutError, httpx.TimeoutException):
        raise ModelError(
            Code.MODEL_UNREACHABLE, f"{exchange.shown} did not answer within {timeout_s:.3g} s", retryable=True
        ) from None
    except httpx.ConnectError as error:
        raise ModelError(
            Code.MODEL_UNREACHABLE,
            f"cannot connect to {exchange.shown}: {_reason(error, exchange)}",
            "start the server, or give its address with --model-url",
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise ModelError(
            Code.MODEL_UNREACHABLE, f"{exchange.shown} broke off: {_reason(error, exchange)}", retryable=True
        ) from None


def redact(text: str, exchange: Exchange) -> str:
    """Return foreign ``text`` fit for one line of output, without the key."""
    return printable(text.replace(exchange.api_key, "***") if exchange.api_key else text)


def _reason(error: Exception, exchange: Exchange) -> str:
    return redact(str(error), exchange) or type(error).__name__


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:  # a notebook or a server has a loop of its own in this thread
        return pool.submit(asyncio.run, work).result()


async def _request(exchange: Exchange, method: str, path: str, json: Any, timeout_s: float) -> Answer:
    headers = {"Accept-Encoding": "identity", "Accept": "application/json"}
    if exchange.api_key:
        headers["Authorization"] = f"Bearer {exchange.api_key}"
    base = exchange.base
    url = base.copy_with(path=base.path.rstrip("/") + path)
    limits = httpx.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s))
    async with (
        asyncio.timeout(timeout_s),
        httpx.AsyncClient(timeout=limits, trust_env=not _is_loopback(base.host)) as client,
        client.stream(method, url, json=json, headers=headers) as response,
    ):
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ModelError(Code.BAD_REPLY, f"{exchange.shown} sent a compressed reply that was not asked for")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise ModelError(Code.BAD_REPLY, f"{exchange.shown} sent more than {MAX_BODY_BYTES >> 20} MiB")
        return Answer(response.status_code, bytes(body))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
