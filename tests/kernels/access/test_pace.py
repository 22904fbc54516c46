"""How fast people walk and cycle on a slope, against the formulas' own closed forms."""

import numpy as np
import pytest

from kernels.access.pace import (
    AIR_DENSITY,
    DRAG_AREA,
    FASTEST_RIDE,
    GRAVITY,
    RIDER_MASS,
    RIDER_POWER,
    ROLLING,
    cycling_speed,
    walking_speed,
)


def test_walking_is_tobler_s_hiking_function():
    # Tobler 1993: 6 km/h down 5 %, 5.037 km/h on the flat, as slow 10 % steeper down as up beyond that
    assert walking_speed(-0.05) * 3.6 == pytest.approx(6.0)
    assert walking_speed(0.0) * 3.6 == pytest.approx(5.037, abs=5e-4)
    assert walking_speed(0.10) == pytest.approx(walking_speed(-0.20))


def test_riding_balances_power():
    slope = np.linspace(-0.01, 0.02, 31)
    speed = cycling_speed(slope)
    along = np.arctan(slope)
    needed = speed * (
        RIDER_MASS * GRAVITY * (np.sin(along) + ROLLING * np.cos(along)) + 0.5 * AIR_DENSITY * DRAG_AREA * speed**2
    )
    free = (speed < FASTEST_RIDE) & (speed > walking_speed(slope))
    assert free.sum() > 20
    np.testing.assert_allclose(needed[free], RIDER_POWER, rtol=1e-9)


def test_riding_is_slower_uphill_braked_downhill_and_pushed_where_it_is_steep():
    slope = np.linspace(-0.3, 0.3, 601)
    speed = cycling_speed(slope)
    assert (speed <= FASTEST_RIDE).all()
    assert speed[slope < -0.03].max() == FASTEST_RIDE
    # about 15 to 18 km/h on the flat is what utility riders are seen to do
    assert 15.0 < cycling_speed(0.0) * 3.6 < 18.0
    np.testing.assert_array_equal(speed[slope > 0.08], walking_speed(slope[slope > 0.08]))
    assert (np.diff(speed[(slope > -0.2)]) <= 1e-12).all()
