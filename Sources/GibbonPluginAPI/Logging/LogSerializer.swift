// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonSchema

/// A finished request as the logging plugins write it (`kong.log.serialize`). For the log phase.
public enum LogSerializer {
  /// Compact JSON. What plugins set with `setLogValue` is in it.
  public static func line(_ context: RequestContext) -> [UInt8] {
    let bytes = LogRecord(context).bytes()
    guard !context.logValues.isEmpty else { return bytes }
    return JSONValue.object(Self.object(bytes, context)).serialized()
  }

  /// The same as an object.
  public static func serialize(_ context: RequestContext) -> JSONObject {
    self.object(LogRecord(context).bytes(), context)
  }

  private static func object(_ bytes: [UInt8], _ context: RequestContext) -> JSONObject {
    // It was written a moment ago, so it is an object.
    var object = (try? JSONParser.parse(bytes).get())?.objectValue ?? JSONObject()
    for value in context.logValues { value.apply(to: &object) }
    return object
  }
}
