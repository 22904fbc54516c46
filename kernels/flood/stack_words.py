"""The words of a layer stack: its numbers by name, in the order of their table; numba is not needed for them."""

PARAMETERS = (
    "stack_surface_storage",
    "stack_pavement_thickness",
    "stack_pavement_void_fraction",
    "stack_pavement_conductivity",
    "stack_soil_thickness",
    "stack_soil_porosity",
    "stack_soil_field_capacity",
    "stack_soil_wilting_point",
    "stack_soil_moisture",
    "stack_soil_conductivity",
    "stack_soil_conductivity_slope",
    "stack_soil_suction",
    "stack_storage_thickness",
    "stack_storage_void_fraction",
    "stack_seepage",
    "stack_drain_rate",
    "stack_drain_exponent",
    "stack_drain_offset",
)
"""Numbers of a stack, in the order of the columns of its table."""
