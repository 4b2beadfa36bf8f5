package rtmfp

import "sundog.dev/sundog/rtmfp/internal/wire"

// parseBufferProbe parses a Buffer Probe (RFC 7016 §2.3.15).
func parseBufferProbe(b []byte) (flow uint64, err error) {
	flow, _, err = wire.VLU(b)
	return flow, err
}

func appendBufferProbe(b []byte, flow uint64) []byte {
	start := len(b)
	return endChunk(wire.AppendVLU(beginChunk(b, chunkBufferProbe), flow), start)
}

// parseFlowException parses a Flow Exception Report (RFC 7016 §2.3.16).
func parseFlowException(b []byte) (flow, code uint64, err error) {
	if flow, b, err = wire.VLU(b); err != nil {
		return 0, 0, err
	}
	code, _, err = wire.VLU(b)
	return flow, code, err
}

func appendFlowException(b []byte, flow, code uint64) []byte {
	start := len(b)
	b = wire.AppendVLU(beginChunk(b, chunkFlowException), flow)
	return endChunk(wire.AppendVLU(b, code), start)
}
