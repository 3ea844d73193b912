"""The interface for programs, ``/api/v1``: the same services as the pages, spoken in JSON.

Reading order: ``fields`` (what a value must be), ``asking`` (what a request says), ``answering`` (how it is answered),
``operations`` (the table of all operations, from which addresses and description are made), then the resources, last
``document`` (the description as OpenAPI 3.1) and ``views``.
"""
