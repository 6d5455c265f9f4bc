import re, time, signal, tempfile
from test_outlives_daemon import pair, Flow, _entries
from lab.traffic import Pinger, Stream
def test_x(pair):
    h1, h2, v1, v2 = pair
    p = Pinger(v1, v2.v4)
    # replace by one with timestamps
    import lab.traffic as t
    s = Stream(v2, v1, seconds=4)
    times=[]
    def goes():
        p.wait_for_answers(150)
    for _ in range(3):
        times.append(('kill',time.time())); h1.kill(); times.append(('killed',time.time()))
        goes()
        times.append(('start',time.time())); h1.start(write=False); times.append(('started',time.time()))
        goes()
    s.stop()
    from lab.process import stop_process
    stop_process(p._process, signal.SIGINT)
    p._output.seek(0); text=p._output.read()
    tm={int(n):float(ts or 0) for ts,n in re.findall(r"(?:\[([\d.]+)\] )?\d+ bytes from .*icmp_seq=(\d+)",text)}
    lost=[n for n in range(1,max(tm)) if n not in tm]
    print("LOST",[(n,tm.get(n-1),tm.get(n+1)) for n in lost]); print(times)
    print(h1.ctl("drops")); print(h2.ctl("drops"))
    assert not lost
