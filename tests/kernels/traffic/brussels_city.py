"""The streets of the City of Brussels as a network, and trips that only serve to fill them; no model of anything."""

import numpy as np
import pandas as pd

from kernels.traffic.demand import Demand
from kernels.traffic.network import Network

CAPACITY = {"trunk": 1800, "primary": 1000, "secondary": 800, "tertiary": 600}
"""Of one lane, else 400. [cars per hour]"""


def car_network(folder):
    """Links for cars, times in seconds, capacities per hour; and the places of the largest strong component."""
    links = pd.read_csv(folder / "brussels_city_links.csv")
    nodes = pd.read_csv(folder / "brussels_city_nodes.csv")
    links = links[links["highway"] != "busway"]

    def first(column):
        return links[column].astype(str).str.extract(r"([A-Za-z_0-9.]+)")[0]

    street = first("highway").str.replace("_link", "")
    speed = pd.to_numeric(first("maxspeed_kmh"), errors="coerce").fillna(30.0)
    lanes = pd.to_numeric(first("lanes"), errors="coerce").fillna(1.0)
    # lanes of a two-way street are those of both directions
    lanes = np.maximum(np.where(links["oneway"].astype(str) == "True", lanes, lanes / 2), 1.0)
    network = Network.of(
        links["from"], links["to"], free_flow_time=links["length_m"] / (speed / 3.6), length=links["length_m"],
        capacity=street.map(CAPACITY).fillna(400) * lanes, node_id=nodes["node"],
    )  # fmt: skip
    return network, nodes


def made_up_demand(network, nodes, zones=120, trips=30_000.0, seed=5):
    """Trips an hour between some nodes, fewer the farther: exp(-distance / 2 km)."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    graph = csr_matrix((np.ones(network.links), (network.tail, network.head)), shape=(network.nodes,) * 2)
    part = connected_components(graph, connection="strong")[1]
    main = np.flatnonzero(part == np.bincount(part).argmax())
    chosen = np.sort(np.random.default_rng(seed).choice(main, zones, replace=False))
    east = nodes["lon"].to_numpy()[chosen] * 70_300.0
    north = nodes["lat"].to_numpy()[chosen] * 111_200.0
    weight = np.exp(-np.hypot(east[:, None] - east, north[:, None] - north) / 2000.0)
    np.fill_diagonal(weight, 0.0)
    origin, destination = np.nonzero(weight)
    return Demand(
        network.node_id[chosen[origin]], network.node_id[chosen[destination]],
        weight[origin, destination] * trips / weight.sum(),
    )  # fmt: skip
