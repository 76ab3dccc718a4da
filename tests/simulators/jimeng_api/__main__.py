from tests.simulators.jimeng_api import JimengApi
from tests.simulators.service import main

main(JimengApi, "jimeng-api")
