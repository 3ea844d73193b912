"""Placeholder until the next commit."""

from flask import Blueprint

blueprint = Blueprint("kpi_paths", __name__)
