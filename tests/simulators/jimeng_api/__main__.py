from tests.simulators.hand import main
from tests.simulators.jimeng_api import JimengApi

main(JimengApi, "jimeng-api")
