"""What the levels are called."""

from __future__ import annotations

from casework.areas.models import Level
from casework.kernel.errors import N_

LEVELS = {
    Level.CITY: N_("City"),
    Level.DISTRICT: N_("District"),
    Level.SUBDISTRICT: N_("Subdistrict"),
    Level.COMMUNITY: N_("Community"),
    Level.SITE: N_("Site"),
}
