"""City ▸ district ▸ subdistrict ▸ community ▸ site: where a case lies and how far a duty reaches."""
