"""The building around the car park: what its meter shows, and who it tells."""
