// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonSchema
import GibbonTesting
import Testing

@testable import GibbonPlugins

@Suite struct ProtoFilesTests {
  private static func fault(_ path: String) -> String {
    do throws {
      _ = try ProtoFiles.load(path)
      return "fine"
    } catch {
      return "\(error)"
    }
  }

  @Test func filesAndTheirNeighboursAreRead() throws {
    let bench = try GRPCBench()
    #expect(Self.fault(bench.path) == "fine")
  }

  @Test func whatCannotBeReadIsNamed() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.proto").path
    #expect(Self.fault(path) == "\(path): expected a file that exists")
    try Data("syntax = \"proto3\";\nimport \"gone.proto\";".utf8).write(to: folder.file("a.proto"))
    #expect(Self.fault(path) == "\(path):2: expected a file that exists: gone.proto is in none of the folders")
    try Data("message {".utf8).write(to: folder.file("a.proto"))
    #expect(Self.fault(path) == "\(path):1: expected the name of a message, found '{'")
    let parent = (path as NSString).deletingLastPathComponent
    #expect(Self.fault(parent) == "\(parent): expected a regular file")
    #expect(Self.fault("/dev/zero") == "/dev/zero: expected a regular file")
    try Data(count: 5 << 20).write(to: folder.file("a.proto"))
    #expect(Self.fault(path) == "\(path): expected at most 4194304 bytes")
  }

  /// The configuration is refused with the file, the line, and what was expected there.
  @Test func instancesAreRefused() throws {
    let folder = try TemporaryFolder()
    try Data("message M { string a = 0; }".utf8).write(to: folder.file("a.proto"))
    let path = folder.file("a.proto").path
    #expect(throws: (any Error).self) { try instance(GRPCGatewayPlugin.self, ["proto": .string(path)]) }
    #expect(throws: (any Error).self) { try instance(GRPCWebPlugin.self, ["proto": .string("/nowhere")]) }
  }
}
