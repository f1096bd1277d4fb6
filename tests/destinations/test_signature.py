from __future__ import annotations

import pytest

from octops.destinations.signature import signed_headers, signing_key
from octops.model.run import DeliveryError


def test_the_published_vector_holds() -> None:
    headers = signed_headers(
        signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        id_="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_prefix_of_a_key_may_be_left_out() -> None:
    assert signing_key("MfKQ9r8G") == signing_key("whsec_MfKQ9r8G")


@pytest.mark.parametrize("secret", ["whsec_***", "hunter2!", "whsec_ä", "whsec_MfK"])
def test_what_is_no_key_is_refused_without_being_told(secret: str) -> None:
    with pytest.raises(DeliveryError, match="not a signing key") as refused:
        signing_key(secret)
    assert secret not in str(refused.value)


def test_a_prefix_alone_is_no_key() -> None:
    with pytest.raises(DeliveryError, match="not a signing key"):
        signing_key("whsec_")
