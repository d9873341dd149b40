"""How much customers will take: a forecast an item, and how far it may be wrong, both learned from its own past."""

from procurement.engine.forecast.own import SAMPLE, Experience, Forecast, experience_of, forecast
from procurement.engine.forecast.weeks import Weeks

__all__ = ["SAMPLE", "Experience", "Forecast", "Weeks", "experience_of", "forecast"]
