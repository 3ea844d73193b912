"""What the fields of each kind of import are called on pages, and which of them may be given once for all rows."""

from __future__ import annotations

from casework.kernel.errors import N_

AREA = {
    "district": N_("District"),
    "subdistrict": N_("Subdistrict"),
    "community": N_("Community"),
}
FIELD_LABELS: dict[str, dict[str, str]] = {
    "areas": {
        "code": N_("Code of the place"),
        "name": N_("Name of the place"),
        "level": N_("Level"),
        "parent_code": N_("Code of the place above"),
        "city_code": N_("Code of the city"),
        "city": N_("City"),
        "district_code": N_("Code of the district"),
        "district": N_("District"),
        "subdistrict_code": N_("Code of the subdistrict"),
        "subdistrict": N_("Subdistrict"),
        "community_code": N_("Code of the community"),
        "community": N_("Community"),
        "site_code": N_("Code of the site"),
        "site": N_("Site"),
    },
    "enterprises": {
        "name": N_("Enterprise name"),
        "uscc": N_("Credit code"),
        **AREA,
        "address": N_("Address"),
        "contact_name": N_("Contact person"),
        "contact_phone": N_("Contact phone"),
        "legal_person": N_("Legal representative"),
        "size": N_("Size"),
        "industry": N_("Industry"),
    },
    "people": {
        "username": N_("User name"),
        "staff_no": N_("Staff number"),
        "name": N_("Person's name"),
        "phone": N_("Phone"),
        "unit_code": N_("Code of the team"),
        "unit": N_("Team"),
        "unit_kind": N_("Kind of team"),
        "unit_area": N_("Area of the team"),
        "unit_phone": N_("Phone of the team"),
        "unit_sent_by": N_("Sent out by"),
        "sent_by": N_("Home body"),
        "lead": N_("Team lead"),
        "role": N_("Role"),
        "area_code": N_("Code of the area"),
        "area": N_("Area served"),
        "from_on": N_("From"),
        "to_on": N_("To"),
        "partner": N_("The other of the pair (AB)"),
        "end_previous": N_("Ends the posting before"),
    },
    "cases": {
        "external_ref": N_("Number or reference"),
        "title": N_("Title"),
        "text": N_("Content of the case"),
        "submitted_at": N_("Reported at"),
        "type": N_("Case type"),
        "requester": N_("Requester"),
        "enterprise": N_("Enterprise name"),
        "uscc": N_("Credit code"),
        "contact_name": N_("Contact person"),
        "contact_phone": N_("Contact phone"),
        **AREA,
        "place": N_("Address"),
        "reply": N_("Reply"),
        "replied_at": N_("Replied at"),
        "note": N_("Note"),
    },
    "beneficiaries": {
        "name": N_("Enterprise name"),
        "uscc": N_("Credit code"),
        "rent": N_("Monthly rent (yuan)"),
        "area_sqm": N_("Floor area (m²)"),
        "contact_name": N_("Contact person"),
        "contact_phone": N_("Contact phone"),
    },
    "coverage": {
        "enterprise": N_("Enterprise name"),
        "uscc": N_("Credit code"),
        "officer": N_("Liaison officer"),
        "deputy": N_("Deputy"),
        "leader": N_("Area leader"),
        **AREA,
        "site": N_("Site"),
        "from_on": N_("From"),
    },
    "stock": {
        "item": N_("Item"),
        "unit": N_("Team that keeps it"),
        "batch": N_("Batch"),
        "expires_on": N_("Expires on"),
        "quantity": N_("Quantity"),
        "source": N_("From whom"),
        "note": N_("Note"),
    },
}
FOR_ALL: dict[str, tuple[str, ...]] = {
    "areas": ("city",),
    "enterprises": ("district",),
    "people": ("unit", "role", "area"),
    "cases": ("district", "type"),
    "beneficiaries": (),
    "coverage": ("district", "from_on"),
    "stock": ("unit", "source"),
}
"""Fields that the page of columns offers to be given for all rows that say nothing."""


def label_of(target: str, name: str) -> str:
    """What a field is called, as a message to be translated."""
    return FIELD_LABELS.get(target, {}).get(name, EXTRA.get(name, name))


EXTRA = {
    "active": N_("In business"),
    "area": N_("Area"),
    "status": N_("State"),
}
