"""The security headers of every reply."""

from collections.abc import Sequence

from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
)

_YEAR_S = 365 * 24 * 3600


def security_headers(store_origins: Sequence[str], frame_ancestors: Sequence[str], *, is_tls: bool = False) -> Secure:
    """Return the headers of every reply; the content policy lets the page connect to us and to the store only.

    A gateway before the store has an origin of its own. `is_tls`: candidates reach the page by https.
    """
    return Secure(
        # Not for other hosts of the domain: they are not ours to decide for.
        hsts=StrictTransportSecurity().max_age(_YEAR_S) if is_tls else None,
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        csp=_content_policy(store_origins, frame_ancestors),
        permissions=PermissionsPolicy().camera("self").microphone("self").geolocation().payment().usb(),
        referrer=ReferrerPolicy().no_referrer(),
        xcto=XContentTypeOptions().nosniff(),
    )


def _content_policy(store_origins: Sequence[str], frame_ancestors: Sequence[str]) -> ContentSecurityPolicy:
    policy = ContentSecurityPolicy()
    policy.default_src("'none'").base_uri("'none'").form_action("'none'").object_src("'none'")
    policy.script_src("'self'", "'wasm-unsafe-eval'")
    policy.style_src("'self'").img_src("'self'").font_src("'self'").media_src("'self'", "blob:").manifest_src("'self'")
    policy.connect_src("'self'", *store_origins)
    policy.frame_src("'self'")  # static/host.html embeds the page
    # 'self' adds no risk: a page of our own origin could do all this without a frame.
    policy.frame_ancestors("'self'", *frame_ancestors)
    return policy.require_trusted_types_for("'script'")
