"""TLS as every destination speaks it: certificates and names are always checked."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

from octops.destinations.peer import causes


def context() -> ssl.SSLContext:
    """Trusts the system's certificates (`SSL_CERT_FILE` and `SSL_CERT_DIR` say others); certifi's where it has none."""
    return _context(ssl.get_default_verify_paths())


@lru_cache(maxsize=4)
def _context(paths: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    """Reading the certificates takes longer than a delivery: once for each place they come from."""
    import certifi

    made = ssl.create_default_context()
    if not (made.cert_store_stats()["x509_ca"] or _has_files(paths.capath)):
        made.load_verify_locations(certifi.where())
    return made


def _has_files(folder: str | None) -> bool:
    """OpenSSL reads a folder of certificates only when it needs one of them."""
    return folder is not None and any(Path(folder).iterdir())


def is_untrusted(error: BaseException | None) -> bool:
    """Whether a failed connection failed at the certificate, which no further attempt makes valid."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes(error))
