from adapters.backends.ima.upload import sign


def test_the_upload_is_signed_as_ima_s_own_clients_sign_it() -> None:
    assert sign("K", "1700000000", "0" * 21) == "7B3703BDC424F9AAAACD13BBAD12EB79C3887B01"
