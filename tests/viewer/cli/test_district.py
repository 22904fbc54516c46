"""bxl-twin district: verdicts of a result, two results beside each other, and the search, by the front door."""

import json

import pytest
import yaml

from scenarios.scenario import Scenario
from tests.scenarios.conftest import make_city
from tests.scenarios.energy_toy import stored, summary
from twin.folder import save
from viewer.cli.district import command


@pytest.fixture
def call(tmp_path, capsys):
    save(make_city(), tmp_path / "city")
    stored(tmp_path / "store", 1, summary(48, appliances=2, gas=4, heating=3.6))
    stored(tmp_path / "store", 2, summary(48, appliances=2, heat_pumps=1, ambient_heat=2.6, heating=3.6,
                                          photovoltaic=9))  # fmt: skip

    def go(*words):
        with pytest.raises(SystemExit) as ended:
            command.main([*map(str, words), "--store", str(tmp_path / "store")], prog_name="bxl-twin")
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, " ".join(said.err.split())

    return go


ONE, TWO = f"{1:064x}", f"{2:064x}"


def test_the_table_of_a_result_is_printed(call):
    code, out, err = call(ONE, "--table", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert len(found["verdicts"]) == 36
    assert found["result"] == ONE
    assert found["demo"] is True
    assert "demo data, not the cadastre" in err
    # 2 kW and 4 kW of gas over two days: 96 and 192 kWh
    assert "the district buys 0.1 MWh of electricity, 0.2 MWh of gas" in err
    assert "The run covers 48 hours, not a year" in err


def test_certificates_contracts_and_context_reach_the_table(call):
    _, out, _ = call(ONE, "--json", "--certificates", 96, "--context", 10, "--owned", 50, "--contracted", 20)
    found = json.loads(out)
    assert found["certificates_kwh"] == {"electricity": 96}
    assert found["context_kwh_m2"] == 10
    virtual = [one["balance"] for one in found["verdicts"] if one["boundary"] == "virtual" and one["type"] == "virtual"]
    plain = [
        one["balance"] for one in found["verdicts"] if (one["boundary"], one["type"]) == ("geographical", "dynamic")
    ]
    assert all(a > b for a, b in zip(virtual, plain, strict=True))


def test_two_results_are_told_beside_each_other(call, tmp_path):
    code, out, err = call(ONE, "--against", TWO, "--city", tmp_path / "city", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["buildings"]["better"] == 2
    assert found["ped"]["turned"] > 0
    assert "2 buildings need less final energy, 0 more" in err


def test_perfect_management_is_told_beside_the_rules(call, tmp_path):
    weather = {"kind": "synthetic_year"}
    stored(tmp_path / "store", 3, summary(48, appliances=2, photovoltaic=3, gas=4), forcing={"weather": weather})
    code, out, err = call(f"{3:064x}", "--optimum", "--city", tmp_path / "city", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert [one["key"] for one in found["ways"]] == ["meters", "rules", "shared", "best"]
    # nobody has a store: 48 h of 1 kW given at 5 ct and 4 kW of fuel at 10 ct, whoever manages
    assert [one["cost_eur"] for one in found["ways"]] == pytest.approx([0.10 * 192 - 0.05 * 48] * 4)
    assert found["foresight_gains_eur"] == 0
    assert "an upper bound" in err
    assert "demo data, not the cadastre" in err
    code, _, err = call(ONE, "--optimum", "--table")
    assert code == 2
    assert "a question of its own" in err


def test_the_search_writes_a_document_that_can_be_run(call, tmp_path):
    days = {
        "scenario": 1, "name": {"en": "Ten days of June"}, "kernels": ["energy"],
        "options": {"energy": {"warm_up": 24}},
        "period": {"start": "2019-06-01T00:00:00Z", "duration_s": 864_000, "output_every_s": 864_000},
        "forcing": {"weather": {"kind": "synthetic_year"}},
    }  # fmt: skip
    (tmp_path / "days.yaml").write_text(yaml.safe_dump(days))
    code, out, err = call(
        tmp_path / "city", "--search", "--quick", "--generations", 2, "--population", 6, "--scenario",
        tmp_path / "days.yaml", "--out", tmp_path / "found.yaml", "--json",
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(out)
    assert found["positive"]
    assert "Costs of measures are assumed" in err
    written = Scenario.load(tmp_path / "found.yaml")
    assert {edit.edit for edit in written.edits} <= {"renovate", "heat_supply", "solar_modules", "battery"}
    assert written.digest(make_city())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing",), "is no folder of a result"),
        ((ONE, "--search", "--table"), "ask one of them"),
        (("demo", "--search", "--factors", "2"), "there are f_el 2.5, f_el 1.9, hourly CO2"),
        (("demo", "--search", "--out", "a.csv"), "ends in .yaml or .json"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_remedy(call, words, said):
    code, _, err = call(*words)
    assert code == 2
    assert said in err
