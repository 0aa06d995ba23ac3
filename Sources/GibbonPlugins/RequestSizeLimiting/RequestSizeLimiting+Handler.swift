// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI

/// `request-size-limiting`: refuses bodies above a size.
public final class RequestSizeLimitingPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    enum Unit: String, Decodable, Sendable {
      case megabytes, kilobytes, bytes

      /// Kong's kilobyte has 1024 bytes.
      var bytes: UInt64 {
        switch self {
        case .megabytes: 1_048_576
        case .kilobytes: 1024
        case .bytes: 1
        }
      }
    }

    var allowedPayloadSize: Int?
    var sizeUnit: Unit
    var requireContentLength: Bool
  }

  private let limit: UInt64
  private let requiresLength: Bool

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    let size = UInt64(clamping: configuration.allowedPayloadSize ?? 128)
    let product = size.multipliedReportingOverflow(by: configuration.sizeUnit.bytes)
    self.limit = product.overflow ? .max : product.partialValue
    self.requiresLength = configuration.requireContentLength
  }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    let request = context.request
    if let length = request.contentLength { return length > self.limit ? self.tooLarge(context) : .next }
    if self.requiresLength, !request.isChunked {
      return .respond(.error(status: 411, "A valid Content-Length header is required"))
    }
    return request.limitBody(to: self.limit) ? .next : self.tooLarge(context)
  }

  /// Who waits for a go-ahead has sent nothing yet and is told that the expectation fails.
  private func tooLarge(_ context: RequestContext) -> PhaseAction {
    let expects = context.request.header("Expect")?.isSame(ignoringCase: "100-continue") == true
    return .respond(.error(status: expects ? 417 : 413, "Request size limit exceeded"))
  }
}
