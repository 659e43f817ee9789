var plugin = {},
common = require('../../../api/utils/common.js'),
{validateUserForWrite} = require('../../../api/utils/rights.js');
plugins = require('../../pluginManager.js');
(function(plugin) {
//handling custom path
plugins.register("/i/ourplugin", function(ob) {
//get parameters
var params = ob.params; //request params
var paths = ob.paths;
validateUserForWrite(params, function(params) {
//user is validated process request
switch (paths[3]) {
case 'create':
//create new object
var data = params.qstring;
//validate data if needed and write object to db
common.db.collection('ourplugin').insert(data, function(err, app) {
if (err)
common.returnMessage(params, 200, err);
else
common.returnMessage(params, 200, "Success");
});
break;
case 'update':
//update existing object
var id = params.qstring.id;
var data = params.qstring;
//validate data if needed and write object to db
common.db.collection('ourplugin').update({
_id: id
}, data, function(err, app) {
if (err)
common.returnMessage(params, 200, err);
else
common.returnMessage(params, 200, "Success");
});
break;
case 'delete':
//delete existing object
var id = params.qstring.id;
common.db.collection('ourplugin').remove({
_id: id
}, function(err, app) {
if (err)
common.returnMessage(params, 200, err);
else
common.returnMessage(params, 200, "Success");
});
break;
default:
common.returnMessage(params, 400, 'Invalid path, must be one of /create, /update or /delete');
break;
}
});
//need to return true, so core does not repond that path does not exist
return true;
});
}(plugin));
module.exports = plugin;
