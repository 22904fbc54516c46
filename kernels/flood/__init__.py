"""Flood: shallow water on the city grid."""
