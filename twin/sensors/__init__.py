"""What the city measures: feeds, their readings, and the store that keeps them."""
