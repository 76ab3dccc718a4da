"""From where a picture may be fetched: public addresses, and hosts that the operator configured.

A name is resolved here, every address that it has is looked at, and the connection goes to one that was
looked at: a name that means something else a moment later (DNS rebinding) changes nothing.
"""

import asyncio
import ipaddress
import re
import socket
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from bot.errors import MediaError, Reason

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Not public, though Python 3.11 does not know: IETF protocol assignments, local NAT64.
_SPECIAL = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("64:ff9b:1::/48"))
_NAME = re.compile(rb"[A-Za-z0-9._-]+")
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


class Resolver(Protocol):
    """Turns a name into its addresses. Raises OSError."""

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """All addresses of `host`, the best first."""


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses that this machine knows for a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet. False for what is no address."""
    try:
        ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    unusual = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback or ip.is_link_local
    return ip.is_global and not unusual and not any(ip in network for network in _SPECIAL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request goes: the URL to open, and the name under which it was asked for."""

    url: httpx.URL
    #: Host header and TLS name, where `url` holds a checked address in place of the name.
    host: str = ""
    name: str = ""


class Guard:
    """Says for one URL where the request may go."""

    def __init__(
        self,
        own_hosts: frozenset[str] = frozenset(),
        *,
        resolve: Resolver = system_resolver,
        allowed: Callable[[str], bool] = is_public,
        proxied: bool | None = None,
    ) -> None:
        """Set the guard up.

        `own_hosts`: `host` or `host:port` as configured by the operator; reached wherever they are.
        `proxied`: requests go through a proxy, which resolves names itself; None: as the environment says.
        """
        self._own = frozenset(host.lower() for host in own_hosts)
        self._resolve = resolve
        self._allowed = allowed
        self._proxied = proxied

    async def place(self, url: str | httpx.URL, attempt: int = 0) -> Place:
        """Where to connect for this URL.

        `attempt` moves on among a name's addresses. Raises MediaError(BAD_INPUT) when the URL leads to where
        it must not, OSError when the name cannot be resolved.
        """
        parsed = self._parsed(url)
        host = parsed.raw_host.decode("ascii").strip("[]").rstrip(".").lower()
        port = parsed.port or _PORTS[parsed.scheme]
        if self._is_own(host, port, parsed.scheme):
            return Place(parsed)
        if self._through_proxy(parsed.scheme, host):
            self._must_look_public(host)
            return Place(parsed)
        addresses = [host] if _is_address(host) else await self._resolved(host, port)
        if not addresses or not all(self._allowed(address) for address in addresses):
            raise MediaError(Reason.BAD_INPUT, f"{host} is not a public address")
        address = addresses[attempt % len(addresses)]
        return Place(parsed.copy_with(host=address), parsed.netloc.decode("ascii"), host)

    async def _resolved(self, host: str, port: int) -> Sequence[str]:
        try:
            return await self._resolve(host, port)
        except UnicodeError as error:  # a part of it is empty or too long
            raise MediaError(Reason.BAD_INPUT, "not a host's name") from error

    def _parsed(self, url: str | httpx.URL) -> httpx.URL:
        try:
            parsed = httpx.URL(url)
            host = parsed.host  # is decoded here, and may turn out to be no name at all
        except (httpx.InvalidURL, ValueError) as error:
            raise MediaError(Reason.BAD_INPUT, "not a web address") from error
        if parsed.scheme not in _PORTS or not host or (parsed.port or 1) > 65535:
            raise MediaError(Reason.BAD_INPUT, "not a web address")
        if not _is_address(host) and not _NAME.fullmatch(parsed.raw_host):
            raise MediaError(Reason.BAD_INPUT, "not a host's name")
        if parsed.userinfo:
            raise MediaError(Reason.BAD_INPUT, "a web address with a password in it")
        return parsed

    def _is_own(self, host: str, port: int, scheme: str) -> bool:
        bracketed = f"[{host}]" if ":" in host else host
        usual = port == _PORTS[scheme]
        return f"{bracketed}:{port}" in self._own or (usual and bracketed in self._own)

    def _through_proxy(self, scheme: str, host: str) -> bool:
        if self._proxied is not None:
            return self._proxied
        proxies = urllib.request.getproxies()
        return bool(proxies.get(scheme) or proxies.get("all")) and not urllib.request.proxy_bypass(host)

    def _must_look_public(self, host: str) -> None:
        local = "." not in host or host.endswith(_LOCAL_NAMES)
        numeric = _is_address(host) or host.rsplit(".", 1)[-1][:1].isdigit()
        if not self._allowed(host) if numeric else local:
            raise MediaError(Reason.BAD_INPUT, f"{host} is not a public address")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    return True
