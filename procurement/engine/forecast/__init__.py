"""How much customers will take: a forecast an item, and how far it may be wrong, both learned from its own past."""

from procurement.engine.forecast.own import NEW_DAYS, SAMPLE, Experience, Forecast, experience_of, forecast
from procurement.engine.forecast.weeks import Weeks

__all__ = ["NEW_DAYS", "SAMPLE", "Experience", "Forecast", "Weeks", "experience_of", "forecast"]
