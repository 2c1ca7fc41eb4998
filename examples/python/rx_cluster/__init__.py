"""An rx-cluster node in Python, as specified by docs/wire.md; needs zmq and msgpack.

    from rx_cluster import Node

    with Node(2, 'tcp://127.0.0.1:0', {1: 'tcp://127.0.0.1:5001'}, cluster='orders') as node:
        receipt = node.send(1, {'hello': 'world'})
        for envelope in node.inbox:
            node.send(envelope.pid, 'thank you', re=envelope.msg_id)
"""

from .inbox import Envelope, Inbox
from .messages import INVALID_DATE, UNDEFINED, BigInt
from .node import DeadLetter, Node, Receipt

__all__ = ['BigInt', 'DeadLetter', 'Envelope', 'INVALID_DATE', 'Inbox', 'Node', 'Receipt',
           'UNDEFINED']
