from tests.simulators.hand import main
from tests.simulators.jimeng_web import JimengWeb

main(lambda: JimengWeb(seconds=8), "jimeng web")
