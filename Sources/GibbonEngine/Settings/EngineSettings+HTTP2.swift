// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonHTTP1
internal import GibbonHTTP2

/// What one connection of HTTP/2 may cost. Heads have the limits that they have in HTTP/1.
extension EngineSettings {
  var http2Limits: HTTP2Limits {
    var limits = HTTP2Limits()
    limits.concurrentStreams = self.downstream.http2Streams
    limits.streamWindowBytes = max(65_535, self.downstream.http2WindowBytes)
    limits.listBytes = self.downstream.headLimits.headBytes
    limits.fieldCount = self.downstream.headLimits.fieldCount
    limits.headerBlockBytes = self.downstream.headLimits.headBytes
    return limits
  }

  var serviceHTTP2Limits: HTTP2Limits {
    var limits = HTTP2Limits.client
    limits.listBytes = self.upstream.headLimits.headBytes
    limits.fieldCount = self.upstream.headLimits.fieldCount
    limits.headerBlockBytes = self.upstream.headLimits.headBytes
    return limits
  }
}
