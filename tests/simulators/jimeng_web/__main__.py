from tests.simulators.jimeng_web import JimengWeb
from tests.simulators.service import main

main(lambda: JimengWeb(seconds=8), "jimeng web")
