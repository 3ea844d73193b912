"""How personal numbers are shown until someone asks for them, which is logged."""

from __future__ import annotations


def masked(phone: str) -> str:
    """A phone number as pages, lists and exports show it: ``138****1234``; a short one keeps its last two digits."""
    digits = phone.strip()
    if len(digits) >= 11:
        return f"{digits[:3]}****{digits[-4:]}"
    if len(digits) >= 7:
        return f"****{digits[-4:]}"
    return f"****{digits[-2:]}" if digits else ""
