// Stands behind the sensor: how long its first run took.
longkeyProbe.started = performance.now() - longkeyProbe.begun;
