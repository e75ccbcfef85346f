"""Whose data the postcode index is made of, in the words that its licence asks for."""

ATTRIBUTION = (
    "Contains OS data © Crown copyright and database right 2025",
    "Contains Royal Mail data © Royal Mail copyright and database right 2025",
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0",
)
"""ONS Postcode Directory, under the Open Government Licence v3.0."""
