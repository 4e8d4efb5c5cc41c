"""RIF (CCW, VRDC, CMS's synthetic files): carrier and outpatient claims and yearly beneficiary files."""
