"""Made-up history in bulk, for measuring Radd at a size that no demonstration has."""
