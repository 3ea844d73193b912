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


def tail(phone: str) -> str:
    """The last four digits of a phone number, by which it is found and which every page may show; "" of a short one."""
    digits = "".join(character for character in phone if character in "0123456789")
    return digits[-4:] if len(digits) >= 7 else ""
