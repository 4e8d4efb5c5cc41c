"""CCLF (Claim and Claim Line Feed): fixed-width deliveries of CMS, or the same already loaded into tables."""
