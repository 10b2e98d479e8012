"""ChargePoint, the charging network: what it sees of the ports.

`ChargePoint` is the edge; below it are the SOAP client and its translation.
"""

from .network import ChargePoint
from .soap import ChargePointClient
from .translate import StationGroup

__all__ = ["ChargePoint", "ChargePointClient", "StationGroup"]
