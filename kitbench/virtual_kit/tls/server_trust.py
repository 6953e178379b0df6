"""Is this the server that the firmware means? mbedTLS's rules, for the TLS stack that checks no chain itself.

Source: `mbedtls_x509_crt_verify` and `mbedtls_ssl_check_cert_usage`. Every certificate of the CA buffer is an anchor,
self-signed or not; names come from subjectAltName, from the common name only where there is none.
"""

import ipaddress
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store, VerificationError

from kitbench.virtual_kit.tls.credentials import ServerChecks
from kitbench.virtual_kit.tls.error import MbedtlsError, TlsError, VerifyFlag

_CHAIN_LIMIT: Final = 8


def verify_server(chain: Sequence[x509.Certificate], checks: ServerChecks) -> None:
    """Judge the certificates a server sent, its own first.

    Raises:
        TlsError: `X509_CERT_VERIFY_FAILED` with every flag that applies.
    """
    flags = _usage_flags(chain[0])
    path = _path_to_anchor(chain, checks.anchors)
    if not path:
        flags |= VerifyFlag.NOT_TRUSTED
    if checks.server_name is not None and not matches_name(chain[0], checks.server_name):
        flags |= VerifyFlag.CN_MISMATCH
    if checks.clock is not None:
        flags |= _date_flags(path or chain, checks.clock)
    if flags:
        reason = ", ".join(flag.name.lower() for flag in VerifyFlag if flag in flags and flag.name)
        raise TlsError(MbedtlsError.X509_CERT_VERIFY_FAILED, f"server certificate: {reason}", verify_flags=flags)


def matches_name(certificate: x509.Certificate, name: str) -> bool:
    """Return whether the certificate is for `name`: a host name (`*` stands for one whole left label) or an address."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return any(_is_pattern_of(str(attribute.value), name) for attribute in common)
    try:
        return ipaddress.ip_address(name) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        return any(_is_pattern_of(pattern, name) for pattern in names.get_values_for_type(x509.DNSName))


def _is_pattern_of(pattern: str, name: str) -> bool:
    pattern, name = pattern.lower(), name.lower()
    if not pattern.startswith("*."):
        return pattern == name
    _, dot, parent = name.partition(".")
    return bool(dot) and pattern[2:] == parent


def _usage_flags(leaf: x509.Certificate) -> VerifyFlag:
    """Return what the leaf may not be used for although a server is."""
    flags = VerifyFlag(0)
    for extension in leaf.extensions:
        if isinstance(extension.value, x509.ExtendedKeyUsage) and not _SERVER_PURPOSES & set(extension.value):
            flags |= VerifyFlag.EXT_KEY_USAGE
        if isinstance(extension.value, x509.KeyUsage) and not extension.value.digital_signature:
            flags |= VerifyFlag.KEY_USAGE
    return flags


_SERVER_PURPOSES: Final = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


def _date_flags(path: Sequence[x509.Certificate], now: datetime) -> VerifyFlag:
    flags = VerifyFlag(0)
    for certificate in path:
        if certificate.not_valid_after_utc < now:
            flags |= VerifyFlag.EXPIRED
        if certificate.not_valid_before_utc > now:
            flags |= VerifyFlag.FUTURE
    return flags


def _path_to_anchor(
    chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]
) -> Sequence[x509.Certificate]:
    """Return the certificates from the leaf to an anchor along valid signatures, whatever the date; empty: none."""
    if chain[0] in anchors:
        return chain[:1]
    # `cryptography` judges for one moment: where any suits a path, one at which a certificate becomes valid does.
    moments = {certificate.not_valid_before_utc for certificate in (*chain[:_CHAIN_LIMIT], *anchors)}
    paths = (_path_at(moment, chain, anchors) for moment in sorted(moments, reverse=True))
    return next(filter(None, paths), ())


def _path_at(
    moment: datetime, chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]
) -> Sequence[x509.Certificate]:
    builder = PolicyBuilder().store(Store(list(anchors))).time(moment).max_chain_depth(_CHAIN_LIMIT)
    # The verifier for clients is the one that leaves the name to us; mbedTLS takes it from the common name, too.
    verifier = builder.extension_policies(ca_policy=_AUTHORITIES, ee_policy=_LEAVES).build_client_verifier()
    try:
        return verifier.verify(chain[0], list(chain[1:_CHAIN_LIMIT])).chain
    except (VerificationError, ValueError):
        return ()


def _require_authority(_policy: Policy, _certificate: x509.Certificate, extension: x509.BasicConstraints) -> None:
    if not extension.ca:
        raise ValueError("not a certificate authority")


def _require_signer(_policy: Policy, _certificate: x509.Certificate, extension: x509.KeyUsage | None) -> None:
    if extension is not None and not extension.key_cert_sign:
        raise ValueError("may not sign certificates")


_LEAVES: Final = ExtensionPolicy.permit_all()
_AUTHORITIES: Final = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _require_authority)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _require_signer)
)
