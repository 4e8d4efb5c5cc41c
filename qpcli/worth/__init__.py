"""What QP status is worth: asked, summed over the base year, and answered; knows every room it needs."""
