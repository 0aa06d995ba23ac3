// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonCore
import GibbonSchema
import GibbonTesting
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// A service of gRPC as a file, and what it answers.
struct GRPCBench {
  static let proto = """
    syntax = "proto3";
    package shop;
    import "google/api/annotations.proto";
    import "types.proto";
    service Items {
      rpc Get (Query) returns (Item) {
        option (google.api.http) = {
          get: "/v1/{name=items/*}"
          additional_bindings { post: "/v1/items" body: "*" }
          additional_bindings { put: "/v1/items" body: "*" response_body: "owner" }
        };
      }
      rpc Watch (Query) returns (stream Item) { option (google.api.http) = { get: "/v1/watch" }; }
    }
    """

  static let types = """
    syntax = "proto3";
    package shop;
    message Query { string name = 1; int32 size = 2; bool deep = 3; }
    message Item { string name = 1; int64 count = 2; Owner owner = 3; }
    message Owner { string id = 1; }
    """

  let folder: TemporaryFolder
  var path: String { self.folder.file("shop.proto").path }

  init() throws {
    self.folder = try TemporaryFolder()
    try Data(Self.proto.utf8).write(to: self.folder.file("shop.proto"))
    try Data(Self.types.utf8).write(to: self.folder.file("types.proto"))
  }

  func gateway() throws -> GRPCGatewayPlugin { try instance(GRPCGatewayPlugin.self, ["proto": .string(self.path)]) }
  func web() throws -> GRPCWebPlugin { try instance(GRPCWebPlugin.self, ["proto": .string(self.path)]) }

  /// `{"name":"a","count":"7"}` as a message.
  static let item: [UInt8] = [0x0A, 1, 0x61, 0x10, 7]
  static let itemJSON = #"{"name":"a","count":"7"}"#

  static let ok = [("grpc-status", "0"), ("grpc-message", "")]
}

/// Bytes, in a row.
func frame(_ payload: [UInt8], flags: UInt8 = 0) -> [UInt8] { [flags, 0, 0, 0, UInt8(payload.count)] + payload }

func frame(_ text: String, flags: UInt8 = 0) -> [UInt8] { frame(Array(text.utf8), flags: flags) }

extension FakeRequest {
  convenience init(
    _ target: String, method: String = "POST", type: String, headers: [(String, String)] = [], bytes: [UInt8]?
  ) throws {
    try self.init(target, method: method, headers: [("Content-Type", type)] + headers)
    if let bytes { self.setBufferedBody(ByteBuffer(bytes)) }
  }

  /// The service has answered with this head, and its body comes in these parts.
  ///
  /// - Returns: what the client gets of each part; nil where the plugin refuses to go on.
  func answer(
    _ plugin: any Plugin, status: UInt16 = 200, type: String = "application/grpc", headers: [(String, String)] = [],
    _ parts: [[UInt8]], trailers: [(String, String)]
  ) throws -> [[UInt8]]? {
    try self.receive(status, headers: [("Content-Type", type)] + headers)
    try plugin.headerFilter(self.context)
    guard plugin.filtersBody(self.context) else { return parts }
    var output: [[UInt8]] = []
    for (index, bytes) in (parts + [[]]).enumerated() {
      let isLast = index == parts.count
      if isLast { self.responseTrailers = trailers.map { (name: $0.0, value: $0.1) } }
      var part = BodyPart(bytes: ByteBuffer(bytes), isLast: isLast)
      try plugin.bodyFilter(self.context, part: &part)
      if part.isRefused { return nil }
      if let work = part.work {
        guard let bytes = work().bytes else { return nil }
        part.bytes = bytes
      }
      output.append(part.bytes.span.array)
    }
    return output
  }

  /// As text, all parts in a row.
  func text(
    _ plugin: any Plugin, status: UInt16 = 200, type: String = "application/grpc", headers: [(String, String)] = [],
    _ parts: [[UInt8]], trailers: [(String, String)] = GRPCBench.ok
  ) throws -> String? {
    try self.answer(plugin, status: status, type: type, headers: headers, parts, trailers: trailers)
      .map { String(decoding: $0.joined(), as: UTF8.self) }
  }

  var sentBody: [UInt8] {
    guard let body = self.bufferedBody else { return [] }
    return body.span.array
  }
}
