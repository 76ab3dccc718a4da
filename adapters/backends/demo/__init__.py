"""A backend that draws by itself: no keys, no network, the same manners as the real ones.

It keeps a book of what it took on, gives tickets that survive a restart, takes as long as the model
would, and fails on request. These words in a prompt make it fail; where a person can act, the message
then says so:

| in the prompt | what happens | when |
|---|---|---|
| `demo:<reason>` | the failure of that `bot.errors.Reason`, e.g. `demo:points_short` | as below |
| `demo:key`, `demo:login`, `demo:blocked` | the key, the login, the account is no good | at once |
| `demo:points`, `demo:subscription` | points are short, a subscription is needed | at once |
| `demo:config`, `demo:price`, `demo:model` | parameters, price or model do not fit | at once |
| `demo:size`, `demo:ratio` | this size or ratio is not possible | at once |
| `demo:content`, `demo:text`, `demo:copyright` | the words or the picture sent are refused | at once |
| `demo:input`, `demo:large`, `demo:inputgone` | the picture sent can't be used | at once |
| `demo:rate`, `demo:down`, `demo:clock` | too many requests, out of service, clock wrong | at once |
| `demo:rose` | the price rose: nothing was sent | at once, every time |
| `demo:network` | the backend can't be reached: nothing was sent | at once, every time |
| `demo:busy` | refused for load twice, then it works | at once |
| `demo:unknown` | taken on and charged, the answer is lost for good | at once |
| `demo:lost` | taken on and charged, the answer is lost, and can be found again | at once |
| `demo:failed`, `demo:nodetails`, `demo:output` | it fails, or what it shows is refused | in the end |
| `demo:gone`, `demo:disk`, `demo:interrupted`, `demo:other` | what else can happen | in the end |
| `demo:timeout` | it gives up after the longest time | in the end |
| `demo:slow` | takes three times the longest time, then works | |
"""

from adapters.backends.demo.backend import Demo

__all__ = ["Demo"]
