// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import Foundation

/// Where the `gibbon` under test is.
public enum GatewayBinary {
  /// The file named by `GIBBON_TEST_BINARY`, else the `gibbon` beside the running test bundle, else the debug
  /// build of this package.
  ///
  /// - Throws: `.failed`, saying what to do.
  public static func locate() throws -> URL {
    if let named = ProcessInfo.processInfo.environment["GIBBON_TEST_BINARY"], !named.isEmpty {
      let file = URL(fileURLWithPath: named)
      guard FileManager.default.isExecutableFile(atPath: file.path) else {
        throw HarnessError(.failed, "GIBBON_TEST_BINARY names \(named), which is not an executable file")
      }
      return file
    }
    for file in self.candidates where FileManager.default.isExecutableFile(atPath: file.path) { return file }
    throw HarnessError(
      .failed,
      "no gibbon to test: run `swift build --product gibbon`, or name one in GIBBON_TEST_BINARY; looked at "
        + self.candidates.map(\.path).joined(separator: ", "))
  }

  private static var candidates: [URL] {
    var files: [URL] = []
    for argument in CommandLine.arguments.prefix(3) where argument.contains("/") {
      var folder = URL(fileURLWithPath: argument).deletingLastPathComponent()
      while folder.path.contains("/.build") {
        files.append(folder.appendingPathComponent("gibbon"))
        folder.deleteLastPathComponent()
      }
    }
    var package = URL(fileURLWithPath: #filePath)
    while package.path != "/" {
      package.deleteLastPathComponent()
      let manifest = package.appendingPathComponent("Package.swift").path
      if FileManager.default.fileExists(atPath: manifest) {
        files.append(package.appendingPathComponent(".build/debug/gibbon"))
        break
      }
    }
    return files.filter { url in
      var isFolder: ObjCBool = false
      return !(FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue)
    }
  }
}
