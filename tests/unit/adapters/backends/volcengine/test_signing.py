"""The signature, against what the vendor's own library made with a frozen clock."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.backends.volcengine.signing import Keys, Unsigned, canonical, query_string, signed

VECTORS = json.loads((Path(__file__).parents[4] / "vectors/volc_sign_vectors.json").read_text())["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_request_is_signed_as_the_vendor_s_library_signs_it(vector: dict[str, Any]) -> None:
    given, expected = vector["input"], vector["expected"]
    keys = Keys(
        given["access_key"], given["secret_key"], given["session_token"], given["region"], given["service"]
    )
    request = Unsigned(
        given["method"],
        given["host"],
        given["path"],
        given["query"],
        given["body"].encode(),
        given["headers_before"].get("Content-Type", ""),
    )
    headers = signed(keys, request, given["x_date"])
    assert headers == expected["headers_after"]
    unsigned = {name: value for name, value in headers.items() if name != "Authorization"}
    assert canonical(request, unsigned) == expected["canonical_request"]
    assert query_string(given["query"]) == expected["canonical_query"]


def test_there_are_six_of_them() -> None:
    assert len(VECTORS) == 6


def test_keys_do_not_show_themselves() -> None:
    assert "secret" not in repr(Keys("access", "secret", "secret token"))
    assert "access" not in repr(Keys("access", "secret"))
